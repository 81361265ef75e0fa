/** A path on a host, with what it is inside of: in one typeface, shortened in the middle of a table, whole where there is room. */
import classes from './file-path.module.css'

/** `inner` is the path inside an archive. With `short`, the text stays on one line and its end is kept in view. */
export function FilePath({ path, inner, short }: { path: string; inner?: string | null; short?: boolean }) {
  const whole = inner ? `${path} › ${inner}` : path
  if (!short) return <span className={classes.path}>{whole}</span>
  const cut = whole.lastIndexOf('/', whole.length - 2) + 1
  return (
    <span className={classes.short} title={whole}>
      <span className={classes.start}>{whole.slice(0, cut)}</span>
      <span className={classes.end}>{whole.slice(cut)}</span>
    </span>
  )
}
