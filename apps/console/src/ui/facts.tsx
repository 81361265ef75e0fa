/** Named facts about one thing, as a description list with aligned names. */
import type { ReactNode } from 'react'
import classes from './facts.module.css'

/** Each row is a name and its value; rows whose value is undefined are left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name} className={classes.row}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
