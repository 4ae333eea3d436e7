// A router that is not one: enough of a Skupper router for tests and the demo, on loopback. docs/recordings.md
// says how it is held against real ones.
//   standin-router.ts   the router: listens, is stopped and restarted     tcp-front.ts   TLS and SASL of its clients
//   router-connection, router-session, session-*.ts   AMQP, one connection each
//   *-link, *-delivery, reply-addresses.ts            what goes over its links
//   carried-stream, backend-socket, dispatcher.ts     a lane joined to a TCP connection of an application
//   connector-table.ts   which application has which routing key, and how it misbehaves
//   violations.ts        what a client did against the protocol: tests fail on any
export { ConnectorTable } from './connector-table.ts';
export type { BackendAddress, ConnectorBehaviour } from './connector-table.ts';
export { StandinRouter } from './standin-router.ts';
export type { StandinOptions } from './standin-router.ts';
