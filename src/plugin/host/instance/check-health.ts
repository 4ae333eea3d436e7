/** What is wrong with the answer of a plugin's `health()`; undefined: nothing. */
export function healthFault(value: unknown): string | undefined {
  const health = value as { readonly ok?: unknown; readonly detail?: unknown } | null | undefined;
  if (typeof health?.ok !== 'boolean') return 'health.ok is not a boolean';
  const isText = health.detail === undefined || typeof health.detail === 'string';
  return isText ? undefined : 'health.detail is not a text';
}
