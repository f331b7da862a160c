// What the framework does not offer: copies of descriptors, pairs, and a look at a thread.
using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Differential;

static unsafe class Native
{
    const int CloseOnExec = 0x80000;

    [DllImport("libc")] static extern int gettid();

    [DllImport("libc")] static extern int dup(int handle);

    [DllImport("libc")] static extern int close(int handle);

    [DllImport("libc")] static extern int pipe2(int* ends, int flags);

    [DllImport("libc")] static extern int socket(int family, int type, int protocol);

    [DllImport("libc")] static extern int socketpair(int family, int type, int protocol, int* ends);

    public static int GetThreadId() => gettid();

    public static int Copy(IntPtr handle) => dup((int)handle);

    public static void Close(int handle) => close(handle);

    public static int[] Pipe()
    {
        int* ends = stackalloc int[2];
        return pipe2(ends, CloseOnExec) == 0 ? [ends[0], ends[1]] : throw new IOException("no pipe");
    }

    public static int[] Pair(SocketType type)
    {
        int* ends = stackalloc int[2];
        return socketpair(1, (int)type | CloseOnExec, 0, ends) == 0 ? [ends[0], ends[1]] : throw new IOException("no pair");
    }

    public static int MakeSocket(int family, int type, int protocol) => socket(family, type | CloseOnExec, protocol);

    /// The number of times the thread has gone to sleep, or -1 while it runs.
    public static long SleepsOf(int threadId)
    {
        bool asleep = false;
        long count = -1;
        try
        {
            foreach (string line in File.ReadLines($"/proc/self/task/{threadId}/status"))
            {
                if (line.StartsWith("State:", StringComparison.Ordinal)) asleep = line[7] == 'S';
                if (line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)) count = long.Parse(line[24..]);
            }
        }
        catch (IOException)
        {
            return -1;
        }
        return asleep ? count : -1;
    }
}
