// npm run bench: requests/s, latency and the gateway's processor time, with and without the network between.
// Ends with 1 when a single request failed. Options are in docs/benchmark.md.
import { runBench } from '../bench/bench.ts';

process.exitCode = await runBench(process.argv.slice(2));
