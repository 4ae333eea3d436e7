import type { Declare } from '../declare.ts';
import type { SchemaOptions } from './run-schema.ts';

export const schemaCommand: Declare = (program, exit) => {
  program
    .command('schema')
    .description(
      'Print the JSON Schema of policy files, for editors, or the reference page of their keys.',
    )
    .option('--reference', 'the reference page (Markdown) instead of the JSON Schema')
    .option('--write <file>', 'write to this file instead of standard output')
    .option(
      '--check <file>',
      'compare this file with what would be printed; exit code 1 when they differ',
    )
    .action(async (options: SchemaOptions) => {
      const { runSchema } = await import('./run-schema.ts');
      exit(await runSchema(options));
    });
};
