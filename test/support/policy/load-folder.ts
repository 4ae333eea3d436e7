import { loadPolicy } from '../../../src/policy/load.ts';
import type { LoadResult } from '../../../src/policy/load.ts';
import { fakePlugins } from '../plugins/fake-plugins.ts';
import { policyFolder } from './policy-files.ts';
import type { PolicyFiles } from './policy-files.ts';

/** Loads a set from a folder of its own, which is gone afterwards. */
export async function loadFolder(
  source: string | PolicyFiles,
  files: PolicyFiles,
): Promise<LoadResult> {
  const folder = await policyFolder(source, files);
  try {
    return await loadPolicy('policies', {
      generation: 3,
      plugins: fakePlugins,
      cwd: folder.root,
      env: { SECRET: 'from-the-environment' },
    });
  } finally {
    await folder.remove();
  }
}
