import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../examples/recipes');

/** The things that people want of an ingress: each a policy with its tests. */
export interface Recipe {
  readonly name: string;
  readonly text: string;
}

export function readRecipes(): readonly Recipe[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      text: readFileSync(join(FOLDER, name, 'policy.yaml'), 'utf8'),
    }));
}
