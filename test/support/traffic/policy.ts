/** Host names that choose how the application is reached; the certificate of test sets has them all. */
export const HOSTS = {
  web: 'app.example.test',
  fresh: 'fresh.wild.example.test',
  h2: 'h2.wild.example.test',
  raw: 'raw.wild.example.test',
} as const;

/**
 * One routing key under four services: kept-alive connections, and three kinds of which two (`fresh`, `raw`)
 * leave lanes behind that the next stream takes, whosever it is.
 */
export const TRAFFIC_POLICY = `
services:
  web: { address: "web:8080", timeout: { response: 5s } }
  fresh: { address: "web:8080", balance: request, timeout: { response: 5s } }
  h2: { address: "web:8080", protocol: h2, timeout: { response: 5s } }
  raw: { address: "web:8080", timeout: { idle: 10s } }
routes:
  web: { host: ${HOSTS.web}, service: web, auth: public }
  fresh: { host: ${HOSTS.fresh}, service: fresh, auth: public }
  h2: { host: ${HOSTS.h2}, service: h2, auth: public }
  raw: { host: ${HOSTS.raw}, service: raw, passthrough: true }
`;
