import { findSkrouterd } from '../../../demo/router/find-skrouterd.ts';
import { startRealTwoSites } from './real-two-sites.ts';
import { startStandinTwoSites } from './standin-two-sites.ts';
import type { TwoSites } from './two-sites.ts';

/** Real routers when there is a skrouterd, else stand-ins. */
export async function startTwoSites(): Promise<TwoSites> {
  const skrouterd = findSkrouterd();
  console.log(`two sites: ${skrouterd ?? 'stand-in routers (no skrouterd found)'}`);
  return skrouterd === undefined ? startStandinTwoSites() : startRealTwoSites(skrouterd);
}
