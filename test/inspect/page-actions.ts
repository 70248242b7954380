/** What the tests do and read on the inspector's page, as its users would. */
import type { Page } from 'playwright-core';

/** The counts that the overview shows, in the order of STATES. */
export async function shownCounts(page: Page): Promise<number[]> {
  const texts = await page.locator('[data-count]').allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}

/** Types a part of an id, waits until a task of that id is listed, and chooses the first of the list. */
export async function findTask(page: Page, id: string): Promise<void> {
  await page.getByRole('combobox', { name: /Find/ }).fill(id);
  await page.getByRole('option').filter({ hasText: id }).first().waitFor();
  await page.keyboard.press('Enter');
}
