import { registerHooks } from 'node:module';

const OFFERED = ['fairlead/plugin', 'fairlead/plugin/kit'];
let isOffered = false;

/**
 * From now on `fairlead/plugin` and its kit are this gateway's own for every package. Node would look for a package
 * `fairlead` above the importing file: a clone and the image have none there, a linked package lies elsewhere, and
 * another copy would be another version.
 */
export function offerContract(): void {
  if (isOffered) return;
  isOffered = true;
  const own = new Map(OFFERED.map((name) => [name, import.meta.resolve(name)]));
  registerHooks({
    resolve: (specifier, context, next) => next(own.get(specifier) ?? specifier, context),
  });
}
