import { screen, type within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

type Where = Pick<ReturnType<typeof within>, "findByLabelText">;

/** Give a field its text at once, as pasting does: key by key takes long, and tests the keyboard only. */
export async function fill(label: string, text: string, where: Where = screen): Promise<void> {
  await userEvent.click(await where.findByLabelText(label));
  await userEvent.paste(text);
}
