// Which folder may import which, and where each third-party library has its home. This table is the
// architecture in force: scripts/lint-config.js makes .oxlintrc.json from it, and `npm run check` compares them.

/** Folder of src/ → the others it may import. */
export const LAYERS = {
  core: [],
  telemetry: ['core'],
  // The one page template. It knows nothing else.
  html: [],
  plugin: ['core', 'telemetry', 'html'],
  policy: ['core', 'network', 'plugin'],
  store: ['core'],
  certificates: ['core'],
  session: ['core', 'plugin', 'store'],
  browser: ['core', 'policy', 'plugin'],
  evaluate: ['core', 'telemetry', 'policy', 'plugin', 'browser'],
  network: ['core', 'policy'],
  upstream: ['core', 'policy', 'network'],
  forward: ['core', 'telemetry', 'policy', 'upstream'],
  respond: ['core', 'telemetry', 'policy', 'html'],
  record: ['core', 'telemetry', 'policy'],
  listener: ['core', 'telemetry', 'policy'],
  pages: 'core html telemetry policy plugin session browser evaluate respond'.split(' '),
  pipeline:
    'core telemetry policy plugin session browser evaluate pages forward respond record'.split(' '),
  admin: ['core', 'policy', 'network', 'record'],
  // These join the parts, so they may import all of them.
  app: 'all',
  cli: 'all',
};

/** Of the policy these see the compiled snapshot alone, never how it was read. */
export const SNAPSHOT_ONLY =
  'browser evaluate forward respond record network upstream listener pages pipeline'.split(' ');

/** Beside src/: what is in the npm package and not in the image, and the folders of src/ that it may import. */
export const BESIDE = {
  standin: ['core', 'policy', 'network'],
  demo: 'all',
};

/** Library → its homes. */
export const LIBRARIES = {
  undici: ['upstream'],
  yaml: ['policy', 'network'],
  zod: ['policy', 'plugins', 'app/state'],
  pino: ['record'],
  re2js: ['policy'],
  '@marcbachmann/cel-js': ['policy'],
  jose: ['plugins', 'plugin/kit', 'session'],
  redis: ['store'],
  'rate-limiter-flexible': ['evaluate'],
  'temporal-polyfill': ['evaluate'],
  commander: ['cli'],
  'oidc-provider': ['demo'],
  '@peculiar/x509': ['certificates'],
};
