/** The question before a command: nothing is done to the scheduler by one stray click. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  readonly title: string;
  readonly text: string;
  readonly word: string;
  readonly act: () => Promise<void>;
}

const question = signal<Question | undefined>(undefined);

/** Asks, and does it when the answer is `word`. */
export function confirmThen(title: string, text: string, word: string, act: () => Promise<void>): void {
  question.value = { title, text, word, act };
}

export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = question.value;
  useEffect(() => {
    if (asked !== undefined) dialog.current?.showModal();
  }, [asked]);
  const answer = (isYes: boolean): void => {
    dialog.current?.close();
    if (isYes) void asked?.act();
  };
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={() => (question.value = undefined)}>
      <h2 id="question">{asked?.title}</h2>
      <p>{asked?.text}</p>
      <div class="row end">
        <button type="button" onClick={() => answer(false)}>
          No
        </button>
        <button type="button" class="primary" onClick={() => answer(true)}>
          {asked?.word}
        </button>
      </div>
    </dialog>
  );
}
