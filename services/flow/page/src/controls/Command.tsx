/** A command to type, where the page cannot do it itself. */
export function Command({ does, text }: { does: string; text: string }) {
  return (
    <div class="command">
      <span class="soft small">{does}</span>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
