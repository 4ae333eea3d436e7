// npm run fuzz:policy [-- --sets 100000 --seed 1]: sets made from the schema and changed, into the loader.
await import('../test/fuzz/fuzz-policy.ts');
