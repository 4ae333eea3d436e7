import { createPipeline } from '../../../src/app/build/create-pipeline.ts';
import { trafficParts } from '../../../src/app/build/traffic-parts.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { InboundRequest } from '../../../src/core/message.ts';
import type { GatewayError } from '../../../src/core/errors.ts';
import type { Generation } from '../../../src/evaluate/generation.ts';
import { Forwarder } from '../../../src/forward/forwarder.ts';
import type { Pipeline } from '../../../src/pipeline/handle.ts';
import { AccessLog } from '../../../src/record/access-log.ts';
import { GatewayMetrics } from '../../../src/record/gateway-metrics.ts';
import { createLog } from '../../../src/record/log.ts';
import type { Upstream, UpstreamReceiver } from '../../../src/upstream/upstream.ts';
import { FakeSink } from '../fakes/message.ts';
import { sessionService } from './session-service.ts';
import { verdictOfRecord } from './verdict.ts';
import type { Verdict } from './verdict.ts';

type AccessLine = Readonly<Record<string, unknown>>;

/** The request path as the gateway joins it, with an application and clients in memory. */
export class LiveSide {
  readonly #pipeline: Pipeline;
  readonly #lines: AccessLine[] = [];
  readonly #application = new HeldApplication();

  constructor(clock: Clock, generation: Generation) {
    const stages = trafficParts({
      clock,
      log: createLog({ level: 'error', format: 'json', destination: { write: () => {} } }),
      metrics: new GatewayMetrics(),
      accessLog: () =>
        new AccessLog({ write: (line) => this.#lines.push(JSON.parse(line) as AccessLine) }),
      generation: () => generation,
    });
    this.#pipeline = createPipeline({
      ...stages,
      forwarder: new Forwarder(this.#application, clock),
      onOctets: () => {},
      sessions: sessionService(clock),
      onUnknownTier: () => {},
    });
  }

  /** Resolves when the application was asked, or the gateway has answered by itself. */
  async handle(request: InboundRequest): Promise<Exchanged> {
    const sink = new SettlingSink();
    const asked = this.#application.next();
    this.#pipeline.handle(request, sink);
    const receiver = await Promise.race([asked, sink.closed]);
    return new Exchanged(sink, receiver, () => this.#lines.pop()!);
  }
}

/** An exchange whose application has not answered yet, or that the gateway has ended. */
export class Exchanged {
  readonly #sink: FakeSink;
  readonly #receiver: UpstreamReceiver | undefined;
  readonly #line: () => AccessLine;

  constructor(sink: FakeSink, receiver: UpstreamReceiver | undefined, line: () => AccessLine) {
    this.#sink = sink;
    this.#receiver = receiver;
    this.#line = line;
  }

  get isForwarded(): boolean {
    return this.#receiver !== undefined;
  }

  get isOver(): boolean {
    return this.#sink.isClosed;
  }

  /** The application answers, where it was asked. What its client and the record saw. */
  finish(): Verdict {
    if (!this.isOver) {
      this.#receiver?.head(200, [], true);
      this.#receiver?.end([]);
    }
    return verdictOfRecord(this.#line(), this.#sink.headers, this.isForwarded);
  }
}

/** Answers when it is told to. */
class HeldApplication implements Upstream {
  #waiting: ((receiver: UpstreamReceiver) => void) | undefined;

  next(): Promise<UpstreamReceiver> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  send(_request: unknown, receiver: UpstreamReceiver) {
    this.#waiting!(receiver);
    return { pause: () => {}, resume: () => {}, abort: () => {} };
  }
}

class SettlingSink extends FakeSink {
  readonly closed: Promise<undefined>;
  #close!: (nothing: undefined) => void;

  constructor() {
    super();
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }

  override end(): void {
    super.end();
    this.#close(undefined);
  }

  override abort(error: GatewayError): void {
    super.abort(error);
    this.#close(undefined);
  }
}
