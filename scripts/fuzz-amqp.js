// npm run fuzz:amqp [-- --minutes 10 --seed 1]: random and mutated recordings into the AMQP decoders.
await import('../test/fuzz/fuzz-amqp.ts');
