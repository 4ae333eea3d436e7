// Which folder of src/ may import which, and where each third-party library has its home. This table is the
// architecture in force: scripts/lint-config.js makes .oxlintrc.json from it, and `npm run check` compares them.

/** Folder → the other folders it may import. What stands lower imports what stands higher. */
export const LAYERS = {
  core: [],
  policy: ['core', 'network', 'plugin'],
  plugin: ['core'],
  store: ['core'],
  session: ['core', 'plugin', 'store'],
  route: ['core', 'policy'],
  auth: ['core', 'policy', 'plugin'],
  tenant: ['core', 'policy'],
  limit: ['core', 'policy'],
  evaluate: ['core', 'policy', 'plugin', 'route', 'auth', 'tenant', 'limit'],
  network: ['core', 'policy'],
  upstream: ['core', 'policy', 'network'],
  forward: ['core', 'policy', 'upstream'],
  respond: ['core', 'policy'],
  record: ['core', 'policy'],
  listener: ['core', 'policy'],
  pipeline:
    'core policy plugin session evaluate route auth tenant limit forward respond record'.split(' '),
  admin: ['core', 'policy', 'network', 'record'],
  // These join the parts, so they may import all of them.
  app: 'all',
  cli: 'all',
  demo: 'all',
};

/** Of the policy these see the compiled snapshot alone, never how it was read. */
export const SNAPSHOT_ONLY =
  'route auth tenant limit evaluate forward respond record network upstream listener'.split(' ');

/** Library → its homes. */
export const LIBRARIES = {
  undici: ['upstream'],
  yaml: ['policy', 'network'],
  zod: ['policy', 'plugins'],
  pino: ['record'],
  jose: ['plugins', 'session'],
  redis: ['store'],
  'rate-limiter-flexible': ['limit'],
  commander: ['cli'],
  'oidc-provider': ['demo'],
  '@peculiar/x509': ['demo'],
};
