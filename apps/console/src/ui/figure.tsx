/** One number with its name; where it counts things, it leads to exactly those. No number is a dash, never a zero. */
import { Text } from '@mantine/core'
import { Link } from 'react-router'
import { Absent } from './absent.tsx'
import classes from './figure.module.css'
import { type Tone, ToneIcon } from './mark.tsx'

interface FigureProps {
  name: string
  value: string | undefined
  to?: string
  /** Only for a number that wants attention. */
  tone?: Tone | undefined
}

export function Figure({ name, value, to, tone }: FigureProps) {
  const content = (
    <>
      <span className={classes.value}>
        {tone && <ToneIcon tone={tone} size={16} />}
        {value ?? <Absent />}
      </span>
      <Text component="span" size="xs" c="dimmed" className={classes.name}>
        {name}
      </Text>
    </>
  )
  return to === undefined || value === undefined ? (
    <div className={classes.figure}>{content}</div>
  ) : (
    <Link to={to} className={classes.figure}>
      {content}
    </Link>
  )
}
