import type { Log, Result } from 'sarif';
import { packageVersion } from '../../app/version.ts';
import { ISSUE_CODES } from '../../policy/issues/issue-codes.ts';
import type { IssueCode } from '../../policy/issues/issue-codes.ts';
import type { PolicyIssue } from '../../policy/issues/issue.ts';

/** SARIF 2.1.0 (OASIS), which code-scanning pages read. Files are as shown, relative to where the command was run. */
export function sarifOf(issues: readonly PolicyIssue[]): string {
  const codes = [...new Set(issues.map(({ code }) => code))].sort();
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'fairlead', version: packageVersion(), rules: codes.map(ruleOf) },
        },
        // SARIF 3.14.24: columns count UTF-16 units unless said otherwise, as ours do.
        columnKind: 'utf16CodeUnits',
        results: issues.map(resultOf),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(code: IssueCode) {
  return { id: code, shortDescription: { text: ISSUE_CODES[code] } };
}

function resultOf({ code, severity, message, hint, file, line, column }: PolicyIssue): Result {
  const region = line === 0 ? {} : { region: { startLine: line, startColumn: column } };
  return {
    ruleId: code,
    level: severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }],
  };
}

/** A relative reference (RFC 3986 4.2), or the whole of an absolute path. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${path}` : path;
}
