import type { LogLevel } from '../../record/record.ts';

export interface DemoOptions {
  /** Of the gateway; 0 picks a free one. */
  readonly port: number;
  /** Relative to the current directory. */
  readonly dir: string;
  /** Leaves the folder in place at the end. */
  readonly keep: boolean;
  /** What the gateway says of itself on standard error. */
  readonly log: LogLevel;
  readonly version: string;
}

interface DemoModule {
  runDemo(options: DemoOptions): Promise<number>;
}

/** What the demo needs beyond the gateway's own dependencies: they are development dependencies. */
const PACKAGES = ['@peculiar/x509', 'oidc-provider'];
/** Named here, not imported: the image is built without the demo, and a compiler follows every import. */
const DEMO = `../../../demo/run-demo${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;

/** The whole of Fairlead on one machine, to try it. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    console.error(missingSentence(missing));
    return 1;
  }
  const demo = (await import(DEMO)) as DemoModule;
  return demo.runDemo(options);
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function missingSentence(missing: readonly string[]): string {
  const names = missing.join(' and ');
  return (
    `fairlead demo: needs ${names}, not installed here: the demo and the tests use ${missing.length > 1 ? 'them' : 'it'}, the gateway does not. ` +
    'Run "npm start" in a clone of the repository.'
  );
}
