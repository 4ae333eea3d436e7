import { reportSchemaIssues } from '../issues/schema-issues.ts';
import type { SchemaIssue } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import type { MapNode, SourceNode } from '../source/source.ts';
import { plainOf } from '../source/source.ts';
import { coreSchemaJson, policySchema } from '../schema/schema.ts';
import type { PolicyDocument } from '../schema/schema.ts';

const CODES = { type: 'E101', unknown: 'E102', missing: 'E103', value: 'E104' } as const;

/** The set as the schema reads it, references and secrets in the place of what names them; undefined when it has errors. */
export function checkShape(
  root: MapNode,
  replaced: ReadonlyMap<SourceNode, string>,
  findings: Findings,
): PolicyDocument | undefined {
  const result = policySchema.safeParse(plainOf(root, replaced));
  if (result.success) return result.data;
  const issues = result.error.issues as readonly SchemaIssue[];
  reportSchemaIssues(issues, { root, base: [], json: coreSchemaJson(), codes: CODES, findings });
  return undefined;
}
