import { readFile, writeFile } from 'node:fs/promises';
import { builtInCatalogue } from '../../app/load/load-policy-set.ts';
import { policySchemaJson, referencePage } from '../../policy/schema/schema.ts';

export interface SchemaOptions {
  /** The page for people instead of the JSON Schema for editors. */
  readonly reference?: boolean;
  readonly write?: string;
  readonly check?: string;
}

/** Prints, writes or compares the JSON Schema of policy files or their reference page, the options of built-in plugins in it. */
export async function runSchema({ reference, write, check }: SchemaOptions): Promise<number> {
  const plugins = await builtInCatalogue();
  const text =
    reference === true
      ? referencePage(plugins)
      : `${JSON.stringify(policySchemaJson(plugins), null, 2)}\n`;
  if (write !== undefined) await writeFile(write, text);
  else if (check !== undefined) return compare(check, text);
  else process.stdout.write(text);
  return 0;
}

async function compare(file: string, wanted: string): Promise<number> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === wanted) return 0;
  console.error(
    `${file} is ${found === undefined ? 'missing' : 'not what the schemas in src/policy/schema give'}; "npm run schema" writes it`,
  );
  return 1;
}
