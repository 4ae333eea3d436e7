import { findSkrouterd } from '../../../demo/router/find-skrouterd.ts';
import type { FaultSite } from './fault.ts';
import { startRealSite } from './real-site.ts';
import { startStandinSite } from './standin-site.ts';

/** Real routers when there is a skrouterd, else stand-ins; `application` listens at the address. */
export async function startFaultSite(application: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultSite> {
  const skrouterd = findSkrouterd();
  console.log(`fault suite: ${skrouterd ?? 'stand-in routers (no skrouterd found)'}`);
  return skrouterd === undefined
    ? startStandinSite(application)
    : startRealSite(skrouterd, application);
}
