import { readFile, writeFile } from 'node:fs/promises';
import { builtInCatalogue } from '../app/load-policy-set.ts';
import { policySchemaJson } from '../policy/schema/json-schema.ts';

/** Prints, writes or compares the JSON Schema of policy files, the options of built-in plugins in it. */
export async function runSchema(options: { write?: string; check?: string }): Promise<number> {
  const schema = `${JSON.stringify(policySchemaJson(await builtInCatalogue()), null, 2)}\n`;
  if (options.write !== undefined) await writeFile(options.write, schema);
  else if (options.check !== undefined) return compare(options.check, schema);
  else process.stdout.write(schema);
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
