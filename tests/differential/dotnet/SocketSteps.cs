// Steps about the socket itself, and those that ask whether something is ready.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace Differential;

static class SocketSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["create"] = Create;
        plain["create-dual"] = CreateDual;
        plain["pair"] = Pair;
        plain["bind"] = Bind;
        plain["listen"] = Listen;
        plain["shutdown"] = Shutdown;
        plain["close"] = Close;
        plain["close-within"] = CloseWithin;
        plain["adopt"] = Adopt;
        plain["adopt-copy"] = AdoptCopy;
        plain["adopt-number"] = AdoptNumber;
        plain["adopt-pipe"] = AdoptPipe;
        plain["adopt-kernel"] = AdoptKernel;
        plain["os-supports"] = OsSupports;
        plain["poll"] = Poll;
        plain["select"] = Select;
        plain["io-control"] = IoControl;
    }

    static string Keep(Run run, Word name, Socket socket)
    {
        run.Keep(name.Text, socket);
        return "ok";
    }

    static string Create(Run run, Step step) => Keep(run, step[0], new Socket(
        Values.Name<AddressFamily>(step, step[1]), Values.Name<SocketType>(step, step[2]), Values.Name<ProtocolType>(step, step[3])));

    static string CreateDual(Run run, Step step) => Keep(run, step[0], new Socket(
        Values.Name<SocketType>(step, step[1]), Values.Name<ProtocolType>(step, step[2])));

    static Socket Adopted(int handle, bool owned) => new(new SafeSocketHandle(handle, owned));

    static string Pair(Run run, Step step)
    {
        int[] ends = Native.Pair(Values.Name<SocketType>(step, step[2]));
        Keep(run, step[0], Adopted(ends[0], true));
        return Keep(run, step[1], Adopted(ends[1], true));
    }

    static string Bind(Run run, Step step)
    {
        EndPoint local = Values.EndPoint(run, step, step[1]);
        run.Socket(step, step[0]).Bind(local);
        return "ok";
    }

    static string Listen(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        if (step.Count > 1) socket.Listen(Values.Int(run, step, step[1]));
        else socket.Listen();
        return "ok";
    }

    static string Shutdown(Run run, Step step)
    {
        run.Socket(step, step[0]).Shutdown(Values.Name<SocketShutdown>(step, step[1]));
        return "ok";
    }

    static string Close(Run run, Step step)
    {
        run.Socket(step, step[0]).Close();
        return "ok";
    }

    static string CloseWithin(Run run, Step step)
    {
        run.Socket(step, step[0]).Close(Values.Int(run, step, step[1]));
        return "ok";
    }

    /// A closed socket goes on to show its old number, which may be another's by now.
    static int HandleOf(Socket socket) => socket.SafeHandle.IsClosed ? -1 : (int)socket.Handle;

    static string Adopt(Run run, Step step) => Keep(run, step[0], Adopted(HandleOf(run.Socket(step, step[1])), false));

    static string AdoptCopy(Run run, Step step) => Keep(run, step[0], Adopted(Native.Copy(HandleOf(run.Socket(step, step[1]))), true));

    static string AdoptNumber(Run run, Step step) => Keep(run, step[0], Adopted(Values.Int(run, step, step[1]), false));

    static string AdoptPipe(Run run, Step step)
    {
        int[] ends = Native.Pipe();
        Keep(run, step[0], Adopted(ends[0], true));
        return Keep(run, step[1], Adopted(ends[1], true));
    }

    static string AdoptKernel(Run run, Step step) => Keep(run, step[0], Adopted(Native.MakeSocket(
        Values.Int(run, step, step[1]), Values.Int(run, step, step[2]), Values.Int(run, step, step[3])), true));

    static string OsSupports(Run run, Step step) => "ok" + Output.Bool(step[0].Text switch
    {
        "IPv4" => Socket.OSSupportsIPv4,
        "IPv6" => Socket.OSSupportsIPv6,
        "UnixDomainSockets" => Socket.OSSupportsUnixDomainSockets,
        _ => throw new Broken(step, "unknown family: " + step[0].Text),
    });

    static string Poll(Run run, Step step) => "ok" + Output.Bool(run.Socket(step, step[0]).Poll(
        Values.Int(run, step, step[1]), Values.Name<SelectMode>(step, step[2])));

    static List<Socket> ListOf(Run run, Step step, string name) =>
        step.Named(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(each => run.Socket(step, each)).ToList();

    static string Show(Run run, string name, List<Socket> list) =>
        list == null ? "" : $" {name}=" + string.Join(',', list.Select(run.NameOf));

    static string Select(Run run, Step step)
    {
        List<Socket> read = ListOf(run, step, "read");
        List<Socket> write = ListOf(run, step, "write");
        List<Socket> error = ListOf(run, step, "error");
        Socket.Select(read, write, error, Values.Int(run, step, step[0]));
        return "ok" + Show(run, "read", read) + Show(run, "write", write) + Show(run, "error", error);
    }

    static string IoControl(Run run, Step step)
    {
        byte[] answer = step[2].Is("null") ? null : new byte[Values.Number(run, step, step[2])];
        IOControlCode code = Enum.TryParse(step[1].Text, out IOControlCode known)
            ? known : (IOControlCode)Values.Number(run, step, step[1]);
        int written = run.Socket(step, step[0]).IOControl(code, null, answer);
        byte[] four = new byte[4];
        answer.AsSpan(0, Math.Min(4, answer.Length)).CopyTo(four);
        return $"ok {written} {BitConverter.ToInt32(four)}";
    }
}
