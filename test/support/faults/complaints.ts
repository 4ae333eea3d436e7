import type { Fault } from './fault.ts';
import { type FaultReport, RECOVERY_MS } from './matrix.ts';

/** From mending a fault until the routers carry streams again; they are restarted and linked anew in it. */
const NETWORK_MS = 10_000;
/** Fewer prove nothing. */
const LEAST_SENT = 20;

/**
 * The contract, for every fault: nothing hangs, lies or mixes; what fails, fails as allowed and no more
 * often; it heals in time. Empty: withstood.
 */
export function complaintsOf(report: FaultReport, fault: Fault): readonly string[] {
  const { sent, hung, falseSuccesses, crossTalk, networkMs, recoveryMs, failedAfter } = report;
  return [
    sent <= LEAST_SENT && `only ${sent} requests`,
    hung > 0 && `${hung} hung`,
    falseSuccesses > 0 && `${falseSuccesses} false successes`,
    crossTalk > 0 && `${crossTalk} mixed up with others`,
    ...strangeFailures(report, fault),
    tooMany(report, fault),
    failedAfter > fault.failuresAfterAtMost &&
      `${failedAfter} failed that began after its end, ${fault.failuresAfterAtMost} may`,
    networkMs > NETWORK_MS && `the network took ${networkMs} ms`,
    recoveryMs > RECOVERY_MS && `recovered after ${recoveryMs} ms`,
  ].filter((it) => it !== false);
}

/** A response that was under way on what is lost cannot be anything but cut. */
function strangeFailures({ failures, example }: FaultReport, { allows }: Fault): readonly string[] {
  const allowed = allows.length === 0 ? [] : [...allows.map(String), 'cut'];
  return Object.keys(failures)
    .filter((status) => !allowed.includes(status))
    .map((status) => `${failures[status]} failed with ${status}, as in: ${example[status]}`);
}

/** What was on its way on the part that is lost may be lost, too. */
function tooMany(report: FaultReport, fault: Fault): string | false {
  if (fault.failuresAtMost === undefined) return false;
  const failed = report.failed - report.failedAfter;
  const most = fault.failuresAtMost + (fault.allows.length === 0 ? 0 : report.onTheirWay);
  return failed > most && `${failed} failed that began before its end, ${most} may`;
}
