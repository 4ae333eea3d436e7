import { InvalidArgumentError } from 'commander';
import { isLoopbackHost } from '../../core/network-addresses.ts';

/** What is put on the internet: an application of this machine, or a routing key of the Skupper network. */
export type ExposeTarget =
  | { readonly kind: 'local'; readonly host: string; readonly port: number }
  | { readonly kind: 'key'; readonly routingKey: string };

/** `3000`, `127.0.0.1:3000`, `http://127.0.0.1:3000`; anything else is a routing key. */
export function targetOption(text: string): ExposeTarget {
  if (/^\d{1,5}$/.test(text)) return local(`127.0.0.1:${text}`, text);
  if (/^http:\/\//i.test(text)) return local(text.slice('http://'.length).replace(/\/$/, ''), text);
  if (/^https:\/\//i.test(text)) {
    throw new InvalidArgumentError('It must be http to this machine, or a routing key.');
  }
  if (/^(127\.|localhost:|\[::1\]:)/.test(text)) return local(text, text);
  if (/^[!-~]{1,255}$/.test(text)) return { kind: 'key', routingKey: text };
  throw new InvalidArgumentError('It must be a port, http://127.0.0.1:PORT, or a routing key.');
}

function local(authority: string, written: string): ExposeTarget {
  const url = URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`) : undefined;
  const hasPath = url !== undefined && (url.pathname !== '/' || url.search !== '');
  if (url === undefined || hasPath || !isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw new InvalidArgumentError(
      `It must be a port or an address of this machine without a path, such as http://127.0.0.1:3000, found ${written}.`,
    );
  }
  return { kind: 'local', host: url.hostname, port: Number(url.port || 80) };
}
