/** What applications read as `-`, as CGI does, and `*`, which begins another form of the same name. */
const FOLDED = /[_.*]/;

/**
 * The name that an application may take a lower-case field name for: `_` and `.` read as `-`, and
 * `x-user*` is `x-user` in the form of RFC 8187 3.2.1. Names are guarded by this.
 */
export function foldFieldName(lowerName: string): string {
  if (!FOLDED.test(lowerName)) return lowerName;
  const star = lowerName.indexOf('*');
  const plain = star === -1 ? lowerName : lowerName.slice(0, star);
  return plain.replaceAll(/[_.]/g, '-');
}
