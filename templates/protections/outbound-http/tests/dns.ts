import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after } from 'node:test';

/** An answer to one question (RFC 1035 section 4). */
const answerTo = (query: Buffer, addresses: readonly Buffer[]): Buffer => {
  const question = query.subarray(12);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const end = question.indexOf(0) + 5;
  const type = question.subarray(end - 4, end - 2);
  const records = addresses.map((address) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    type.copy(record, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(address.length, 10);
    return Buffer.concat([record, address]);
  });
  return Buffer.concat([header, question.subarray(0, end), ...records]);
};

/** The type of the question: 1 for A, 28 for AAAA. */
const typeOf = (query: Buffer): number => {
  const end = query.indexOf(0, 12) + 1;
  return query.readUInt16BE(end);
};

/** A name server on loopback that knows one set of addresses for every name, by the type of the question; ends with the test file. */
export const nameServer = async (addresses: Readonly<Record<number, readonly Buffer[]>>): Promise<string> => {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => socket.send(answerTo(query, addresses[typeOf(query)] ?? []), port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
};
