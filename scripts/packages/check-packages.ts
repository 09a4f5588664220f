// Checks the packages as users get them: packs them, checks the tarballs, installs them in an empty project, compiles and runs
// programs there against the simulators, and measures bundles.
// Usage: node scripts/packages/check-packages.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSize, measure, sizeBudgets, sizeVerdict } from './bundle-size.ts';
import { contentProblems } from './content-problems.ts';
import { type EmptyProject, makeEmptyProject, tarballDependencies } from './empty-project.ts';
import { writeEveryClient } from './every-client.ts';
import { checkLeanInstall, leanInstalls } from './lean-install.ts';
import { followNewcomer } from './newcomer.ts';
import { publishablePackages, root } from './publishable.ts';
import { publintProblems, typesProblems } from './published-shape.ts';
import { runCommand } from './run-command.ts';
import { runPrograms } from './run-programs.ts';
import { filesOf, packAll, type Tarball } from './tarball.ts';
import { compilers, typeCheck } from './type-check.ts';
import { none, part, type Verdict } from './verdict.ts';

async function tarballVerdict(tarballs: readonly Tarball[]): Promise<Verdict> {
  const problems: string[] = [];
  for (const tarball of tarballs) {
    const found = [
      ...contentProblems(filesOf(tarball), [root, homedir(), `${tmpdir()}/`]),
      ...(await publintProblems(tarball)),
      ...(await typesProblems(tarball)),
    ];
    problems.push(...found.map((problem) => `${tarball.name}: ${problem}`));
  }
  return none(problems, `${tarballs.length} clean by publint, attw (ESM only) and a look inside`);
}

async function typesVerdict(project: EmptyProject): Promise<Verdict> {
  const { checked, problems } = await typeCheck(project);
  return none(problems, `${checked} compilations: ${Object.keys(compilers).join(', ')} × node16, nodenext, bundler`);
}

async function leanVerdict(project: EmptyProject): Promise<Verdict> {
  const compiler = join(project.folder, 'node_modules/typescript-7/bin/tsc');
  const problems: string[] = [];
  const texts: string[] = [];
  for (const lean of leanInstalls) {
    const found = await checkLeanInstall(lean, tarballs, join(folder, lean.name.replace('/', '-')), compiler);
    problems.push(...found.problems);
    texts.push(found.text);
  }
  return none(problems, `each alone: ${texts.join(', ')}`);
}

async function sizeVerdicts(project: EmptyProject): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const budget of sizeBudgets) {
    verdicts.push(sizeVerdict(budget, await bundleSize(budget.program, project.folder)));
  }
  return { ok: verdicts.every(({ ok }) => ok), text: `${verdicts.map(({ text }) => text).join('; ')} (${measure})` };
}

const folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-packages-'));
let tarballs: readonly Tarball[] = [];
let project: EmptyProject | undefined;

const pack = async (): Promise<Verdict> => {
  await runCommand('pnpm', ['build'], { cwd: root });
  tarballs = await packAll(publishablePackages(root), folder);
  const size = tarballs.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1000;
  return { ok: true, text: `${tarballs.length} packages, ${size.toFixed(0)} kB` };
};
const newcomer = () => followNewcomer(tarballs, join(folder, 'newcomer'));
const install = async (): Promise<Verdict> => {
  const { dependencies, overrides } = tarballDependencies(tarballs);
  const others = { ...compilers, '@types/node': '^24.0.0', msw: '^3.0.5' };
  const programs = join(import.meta.dirname, 'consumer');
  project = await makeEmptyProject(join(folder, 'project'), {
    dependencies: { ...dependencies, ...others },
    overrides,
    programs,
  });
  writeEveryClient(project);
  return { ok: true, text: 'with npm, from the tarballs, in an empty project' };
};

try {
  let good = await part('pack', pack);
  if (good) {
    good = await part('tarballs', () => tarballVerdict(tarballs));
    for (const [name, verdict] of Object.entries({ newcomer, install })) {
      const fine = await part(name, verdict);
      good &&= fine;
    }
    if (project !== undefined) {
      const made = project;
      const verdicts = { lean: leanVerdict, types: typesVerdict, run: runPrograms, size: sizeVerdicts };
      for (const [name, verdict] of Object.entries(verdicts)) {
        const fine = await part(name, () => verdict(made));
        good &&= fine;
      }
    }
  }
  process.exitCode = good ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
