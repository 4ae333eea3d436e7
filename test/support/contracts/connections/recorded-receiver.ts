import type { GatewayError } from '../../../../src/core/errors.ts';
import type { HeaderList } from '../../../../src/core/header-list.ts';
import type { UpstreamReceiver } from '../../../../src/upstream/upstream.ts';

/** Keeps what it is told, in words. */
export class RecordedReceiver implements UpstreamReceiver {
  /** Of head, end and fail. */
  readonly told: string[] = [];
  readonly interim: number[] = [];
  body = '';
  trailers: HeaderList = [];
  error: GatewayError | undefined;
  releases = 0;
  /** How often it was told that there is a connection. */
  opened = 0;

  readonly release = (): void => void (this.releases += 1);

  get isOver(): boolean {
    return this.told.includes('end') || this.told.includes('fail');
  }

  connected(): void {
    this.opened += 1;
  }

  sent(): void {}

  progress(): void {}

  informational(status: number): void {
    this.interim.push(status);
  }

  head(status: number): void {
    this.told.push(`head ${status}`);
  }

  data(chunk: Uint8Array): void {
    this.body += Buffer.from(chunk).toString('latin1');
  }

  end(trailers: HeaderList): void {
    this.told.push('end');
    this.trailers = trailers;
  }

  fail(error: GatewayError): void {
    this.told.push('fail');
    this.error = error;
  }
}
