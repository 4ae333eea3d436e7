/**
 * Every complaint a policy set can earn. Codes never change; docs/policy-errors.md has meaning, example
 * and cure of each. E0 YAML, E1 schema, E2 references, E3 routes, E4 plugin options, W3 lint.
 */
export const ISSUE_CODES = {
  E001: 'not well-formed YAML',
  E002: 'a key twice in one mapping',
  E003: 'a tab in indentation',
  E004: 'an unknown tag',
  E005: 'a merge key',
  E006: 'too many aliases, or nesting too deep',
  E007: 'a file or a set that is too large',
  E008: 'not a mapping, or more than one document',
  E009: 'a key that is not allowed',
  E010: 'a file or directory that cannot be read',
  E011: 'no policy file',
  E101: 'a value of the wrong type',
  E102: 'an unknown key',
  E103: 'a missing key',
  E104: 'a value that is not allowed',
  E105: 'a reference where none is allowed',
  E110: 'a name defined twice in the set',
  E111: 'a key that has no effect',
  E201: 'no such provider',
  E203: 'no such tier',
  E204: 'a file that cannot be read',
  E205: 'a file that is not the certificate or key it should be',
  E206: 'a certificate and a key that do not match',
  E207: 'a certificate that is too weak',
  E208: 'a certificate without a DNS name',
  E209: 'an environment variable that is not set',
  E210: 'a route without auth',
  E211: 'a link that cannot be used',
  E212: 'a link with only an inter-router endpoint',
  E214: 'plain TCP to another machine',
  E215: 'keys of a service that do not go together',
  E216: 'a host at which nobody can log in',
  E301: 'a host that is not well-formed',
  E302: 'a path that is not well-formed',
  E303: 'a host and path that two routes claim',
  E304: 'a header that may not be set',
  E305: 'a path that is reserved',
  E306: 'a key that does not go with passthrough',
  E307: 'a requirement where nobody is asked',
  E308: 'requirements that can never hold together',
  E309: 'a claim path of a provider that is not asked',
  E401: 'no such plugin',
  E402: 'an unknown option of a plugin',
  E403: 'a missing option of a plugin',
  E404: 'an option that a plugin refuses',
  E405: 'a complaint of the plugin about its options',
  E406: 'a plugin that cannot be used',
  W301: 'an unused provider',
  W302: 'an unused tier',
  W303: 'a public path inside a protected one',
  W304: 'a host that no certificate serves',
  W305: 'an unused service',
  W306: 'a routing key that looks like a service',
  W307: 'a service of the network without a network',
} as const;

export type IssueCode = keyof typeof ISSUE_CODES;
export type Severity = 'error' | 'warning';

export function severityOf(code: IssueCode): Severity {
  return code.startsWith('W') ? 'warning' : 'error';
}
