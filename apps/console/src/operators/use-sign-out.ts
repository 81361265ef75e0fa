/** Ends the session: at the server first, then everything this browser has cached of the fleet. */
import { endpoints } from '@coreward/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { call } from '../api/call.ts'

export function useSignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => call(endpoints.signOut, {}),
    onSuccess: async () => {
      await navigate('/sign-in')
      client.clear()
    },
  })
}
