// pnpm job-features: measures what each feature of a job costs in Temporal's histories, and writes benchmarks/job-features.md.
import { writeFile } from 'node:fs/promises';
import { jobFeaturesReport } from '@gpu-clouds/e2e/job-features';

const file = new URL('../benchmarks/job-features.md', import.meta.url);
await writeFile(file, await jobFeaturesReport((line) => console.log(line)));
