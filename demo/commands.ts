export interface CommandParts {
  readonly host: string;
  readonly port: number;
  /** Absolute paths: the commands work in any folder. */
  readonly caFile: string;
  readonly tokenFile: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface DemoCommand {
  readonly title: string;
  /** For a POSIX shell. */
  readonly text: string;
}

/** What a user pastes into another terminal. */
export function demoCommands(parts: CommandParts): readonly DemoCommand[] {
  const curl = `curl${noProxy(parts)} --cacert ${quoted(parts.caFile)}`;
  const withToken = `${curl} -H "Authorization: Bearer $(cat ${quoted(parts.tokenFile)})"`;
  const origin = `https://${parts.host}:${parts.port}`;
  return [
    { title: 'a public path', text: `${curl} ${origin}/public/hello` },
    { title: 'a path that needs a token', text: `${withToken} ${origin}/hello` },
    {
      title: 'a burst of 15: 200 for the first five (four within a second of the last), then 429',
      // curl counts the brackets up itself, on one connection: no slow machine stretches the burst.
      text: `${withToken} -s -o /dev/null -w '%{http_code}\\n' '${origin}/burst/[1-15]'`,
    },
  ];
}

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];

/** A proxy cannot reach our loopback; without one in sight the command stays short. */
function noProxy({ env, host }: CommandParts): string {
  return PROXIES.some((name) => (env[name] ?? '') !== '') ? ` --noproxy ${host}` : '';
}

function quoted(path: string): string {
  return /^[\w./@%+,:=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
