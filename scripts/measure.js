// npm run measure: 100 MB each way at full speed and at 1 MB/s, and the gateway's peak memory. Two minutes.
await import('../test/measure/bulk.ts');
