// Sessions of people who logged in, opened by plugins and kept over reloads.
//   session-service.ts    the sessions of all providers     provider-sessions.ts   what one plugin may do with its own
//   server-sessions.ts    kept in the store: session-record, session-id, session-index; the cookie holds an id
//   cookie-sessions.ts    kept in the cookie: sealed-session, cookie-keys, cookie-chunks
//   ended-sessions.ts     who is told of a logout, on all replicas     session-use.ts   extends a session that is used
export type { EndListener } from './ended-sessions.ts';
export { SessionService } from './session-service.ts';
