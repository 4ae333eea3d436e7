/** What the reference shows below the keys of a case; it is checked as a part of a whole set, and run. */
export const TESTS_EXAMPLE = `- name: a person of acme orders
  request: { url: 'https://app.example.com/orders?page=2', method: POST, from: 192.0.2.9 }
  as: { provider: corp, claims: { sub: u1, org: acme, plan: gold }, acr: urn:example:mfa, age: 5m }
  expect:
    outcome: allow
    route: app
    path: /orders/**
    service: orders
    forwarded: /v2/orders?page=2
    provider: corp
    identity: u1
    tenant: acme
    tier: gold
    rate: 1000/s
    concurrent: 500
- name: a program with two proofs
  request: { url: 'https://app.example.com/both', headers: { accept: application/json } }
  as: [{ provider: api, claims: { sub: robot, org: acme } }, { provider: corp, claims: { sub: u1 } }]
  expect: { outcome: allow, identity: robot }
- name: a bad token is refused
  request: { url: 'https://app.example.com/both' }
  as: { provider: api, rejected: true }
  expect: { outcome: refuse, status: 401, code: credential_rejected, reason: explain.rejected }
- name: too much at once
  request: { url: 'https://app.example.com/orders', method: POST, body: 20MiB }
  as: { provider: corp, claims: { sub: u1, org: acme }, acr: urn:example:mfa }
  expect: { outcome: refuse, status: 413 }
- name: the old address leads to the new one
  request: { url: 'https://app.example.com/old' }
  expect: { outcome: redirect, status: 308, location: 'https://www.example.com/old' }`;
