// npm run soak [-- --minutes 30 --every 20]: traffic with a fault every 20 s; SKROUTERD=… for real routers.
await import('../bench/measurements/soak.ts');
