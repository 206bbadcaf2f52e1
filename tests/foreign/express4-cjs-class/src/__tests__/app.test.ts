import { App } from '../app';

test('there is an app', () => {
    expect(new App().app).toBeDefined();
});
