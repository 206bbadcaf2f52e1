import Server from '../src/index';

describe('Server', () => {
  it('is a class', () => { void Server; });
});
