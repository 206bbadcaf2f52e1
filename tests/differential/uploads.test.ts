import { AwsV4Signer } from 'aws4fetch';
import { describe, expect, test } from 'vitest';
import { validateFileName } from 'yauzl';
import { leadsOut } from '../../templates/protections/uploads/inspect/archive.ts';

describe('names of entries, against yauzl', () => {
  const parts = ['a', '..', '.', '/', '//', '\\', 'C:', '...', ' ', '~', '-', 'é'];

  test('what yauzl refuses is refused, and no more of what it takes than drives, backslashes and controls', () => {
    for (const one of parts) {
      for (const two of parts) {
        for (const three of parts) {
          const name = one + two + three;
          expect(leadsOut(name), name).toBe(validateFileName(name) !== null || /[\\:]/.test(name));
        }
      }
    }
  });
});

describe('signatures for buckets, against the example that AWS publishes', () => {
  test('GET of a part of an object (Amazon S3, Signature Version 4, header-based authentication)', async () => {
    const signer = new AwsV4Signer({
      method: 'GET',
      url: 'https://examplebucket.s3.amazonaws.com/test.txt',
      headers: { range: 'bytes=0-9', 'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      service: 's3',
      region: 'us-east-1',
      datetime: '20130524T000000Z',
      allHeaders: true,
    });
    const { headers } = await signer.sign();
    expect(headers.get('authorization')).toContain('Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  });
});
