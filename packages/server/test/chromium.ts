import { spawnSync } from 'node:child_process';
import axe from 'axe-core';
import { type Browser, launch, type Page } from 'puppeteer-core';

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium of this machine, or undefined. */
export const chromium = commands.find((command) => spawnSync(command, ['--version']).status === 0);

/** Starts Chromium without a window. */
export function openBrowser(): Promise<Browser> {
  const executablePath = spawnSync('which', [chromium ?? ''], { encoding: 'utf8' }).stdout.trim();
  const args = ['--disable-dev-shm-usage', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  return launch({ executablePath, args });
}

/** Returns what axe finds wrong with a page, one line each. */
export async function violationsIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => [id, node.html, node.failureSummary].join(" "))))',
  );
  return Array.isArray(found) ? found.map(String) : [`axe answered ${String(found)}`];
}
