import { History, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Card } from "@/shared/ui";
import { Menu, MenuItem } from "@/shared/ui/menu";
import { Select } from "@/shared/ui/select";

const MOST_CHARACTERS = 4000;
const CHOICES = [5, 10, 20, 50];

interface QuestionFormProps {
  query: string;
  k: number | null;
  /** Passages a search where nothing else is said. */
  usual: number | undefined;
  questions: readonly string[];
  isPending: boolean;
  onAsk: (query: string) => void;
  onPassages: (k: number | null) => void;
}

const isSend = ({ key, shiftKey, nativeEvent }: KeyboardEvent) =>
  key === "Enter" && !shiftKey && !nativeEvent.isComposing;

function Passages({ k, usual, onPassages }: Pick<QuestionFormProps, "k" | "usual" | "onPassages">) {
  const { t } = useTranslation("retrieval");
  const own = k === null || CHOICES.includes(k) ? CHOICES : [...CHOICES, k].sort((a, b) => a - b);
  const choices = [
    { id: "", name: usual === undefined ? t("as_bot") : t("as_bot_k", { count: usual }) },
    ...own.map((one) => ({ id: String(one), name: t("passages", { count: one }) })),
  ];
  return (
    <Select
      isLabelHidden
      label={t("passages_each")}
      choices={choices}
      value={k === null ? "" : String(k)}
      onChange={(id) => onPassages(id === "" ? null : Number(id))}
      className="min-w-0 grow basis-28 sm:grow-0 sm:basis-56"
    />
  );
}

function LastQuestions({ questions, onAsk }: Pick<QuestionFormProps, "questions" | "onAsk">) {
  const { t } = useTranslation("retrieval");
  if (questions.length === 0) return null;
  const trigger = (
    <Button variant="quiet" size="icon" className="size-10" aria-label={t("last_questions")}>
      <History aria-hidden className="size-4" />
    </Button>
  );
  return (
    <Menu trigger={trigger} placement="bottom start" aria-label={t("last_questions")}>
      {questions.map((question) => (
        <MenuItem key={question} onAction={() => onAsk(question)}>
          {question}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** Enter searches, with Ctrl or Cmd too; Shift+Enter begins a line. */
export function QuestionForm(props: QuestionFormProps) {
  const { query, k, usual, questions, isPending, onAsk, onPassages } = props;
  const { t } = useTranslation("retrieval");
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  const ask = () => text.trim() && onAsk(text.trim());
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isSend(event)) return;
    event.preventDefault();
    ask();
  };
  return (
    <search>
      <Card className="p-3 focus-within:border-line-strong">
        <textarea
          aria-label={t("question")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          maxLength={MOST_CHARACTERS}
          rows={1}
          // biome-ignore lint/a11y/noAutofocus: the lab was opened to ask
          autoFocus={query === ""}
          placeholder={t("question_example")}
          onKeyDown={onKeyDown}
          className="block field-sizing-content max-h-40 min-h-10 w-full resize-none rounded-sm bg-transparent px-2 py-2 text-base text-ink placeholder:text-faint"
        />
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <Passages k={k} usual={usual} onPassages={onPassages} />
          <LastQuestions questions={questions} onAsk={onAsk} />
          <Button
            className="ms-auto"
            isPending={isPending}
            isDisabled={text.trim() === ""}
            onPress={ask}
          >
            <Search aria-hidden className="size-4" />
            {t("search")}
          </Button>
        </div>
      </Card>
    </search>
  );
}
