/**
 * Fields in which a client tells an application to take another path or method than the ones that were
 * judged here, or another way out (`Proxy` becomes HTTP_PROXY under CGI). They are removed; a route keeps
 * those that its `forwardHeaders` names.
 */
export const OVERRIDING_FIELDS = [
  'Proxy',
  'X-HTTP-Method',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'X-Original-URL',
  'X-Rewrite-URL',
] as const;
