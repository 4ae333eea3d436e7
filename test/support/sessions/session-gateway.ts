import type { Dispatcher } from 'undici';
import type { Application } from '../applications/application.ts';
import { TestGateway } from '../gateway/gateway.ts';
import type { TestGatewayOptions } from '../gateway/gateway.ts';
import { sessionPlugin } from './session-plugin.ts';

/** A gateway whose route `web` wants a login with the fake session plugin; `other` uses none. */
export function startSessionGateway(
  application: Pick<Application, 'address'>,
  more: Partial<TestGatewayOptions> = {},
): Promise<TestGateway> {
  const { host, port } = application.address;
  return TestGateway.start({
    plugins: [sessionPlugin()],
    ...more,
    policy: `
providers: { corp: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes:
  web: { host: app.example.test, service: web, auth: corp, paths: { /public/**: { auth: public } } }
  other: { host: other.example.test, service: web, auth: public }
${more.policy ?? ''}`,
  });
}

/** The `Cookie` value of a browser that got this response. */
export function cookieOf(response: Dispatcher.ResponseData): string {
  return setCookiesOf(response)
    .filter((field) => !field.includes('Max-Age=0'))
    .map((field) => field.split(';')[0]!)
    .join('; ');
}

export function setCookiesOf(response: Dispatcher.ResponseData): readonly string[] {
  return [response.headers['set-cookie'] ?? []].flat();
}

/** Logs in as `user`; gives the `Cookie` value. */
export async function logIn(gateway: TestGateway, user = 'ada'): Promise<string> {
  const response = await gateway.request(`/.fairlead/corp/login?user=${user}`);
  await response.body.dump();
  return cookieOf(response);
}
