// Steps that make and end connections.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace Differential;

static class ConnectSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, Call>> calls)
    {
        calls["accept"] = Accept;
        calls["connect"] = Connect;
        calls["connect-host"] = ConnectHost;
        calls["connect-addresses"] = ConnectAddresses;
        calls["disconnect"] = Disconnect;
        calls["connect-new"] = (run, step) => ConnectNew(run, step, Socket.ConnectAsync);
        calls["connect-new-racing"] = (run, step) => ConnectNew(run, step, Racing);
    }

    static Call Accept(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string name = step[1].Text;
        string given = step.Named("into");
        Socket into = given != null ? run.Socket(step, given) : null;
        string Show(Socket accepted)
        {
            run.Keep(name, accepted);
            return "ok";
        }
        return new Call
        {
            Blocking = () => Show(socket.Accept()),
            Task = async token => Show(await (into != null ? socket.AcceptAsync(into, token) : socket.AcceptAsync(token))),
            Configure = e => e.AcceptSocket = into,
            StartEvent = socket.AcceptAsync,
            Show = e => Show(e.AcceptSocket)[2..],
        };
    }

    static async Task<string> Ok(ValueTask task)
    {
        await task;
        return "ok";
    }

    static string Ok(Action action)
    {
        action();
        return "ok";
    }

    static Call Connect(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        EndPoint remote = Values.EndPoint(run, step, step[1]);
        return new Call
        {
            Blocking = () => Ok(() => socket.Connect(remote)),
            Task = token => Ok(socket.ConnectAsync(remote, token)),
            Configure = e => e.RemoteEndPoint = remote,
            StartEvent = socket.ConnectAsync,
        };
    }

    static Call ConnectHost(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string host = step[1].Is("null") ? null : step[1].Text;
        int port = Values.Int(run, step, step[2]);
        return new Call
        {
            Blocking = () => Ok(() => socket.Connect(host, port)),
            Task = token => Ok(socket.ConnectAsync(host, port, token)),
        };
    }

    static Call ConnectAddresses(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        int port = Values.Int(run, step, step[1]);
        bool absent = step.Count == 3 && step[2].Is("null");
        IPAddress[] addresses = absent ? null : step.Words.Skip(2).Select(word => Values.Address(step, word)).ToArray();
        return new Call
        {
            Blocking = () => Ok(() => socket.Connect(addresses, port)),
            Task = token => Ok(socket.ConnectAsync(addresses, port, token)),
        };
    }

    static Call Disconnect(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        bool reuse = Values.Bool(step, step[1]);
        return new Call
        {
            Blocking = () => Ok(() => socket.Disconnect(reuse)),
            Task = token => Ok(socket.DisconnectAsync(reuse, token)),
            Configure = e => e.DisconnectReuseSocket = reuse,
            StartEvent = socket.DisconnectAsync,
        };
    }

    /// The static form, which makes the socket too.
    /// New in .NET 11, and this program is built for 10.
    static bool Racing(SocketType type, ProtocolType protocol, SocketAsyncEventArgs arguments)
    {
        Type algorithm = typeof(Socket).Assembly.GetType("System.Net.Sockets.ConnectAlgorithm");
        var types = new[] { typeof(SocketType), typeof(ProtocolType), typeof(SocketAsyncEventArgs), algorithm };
        return (bool)typeof(Socket).GetMethod("ConnectAsync", types).Invoke(null, new[] { type, protocol, arguments, Enum.Parse(algorithm, "Parallel") });
    }

    static Call ConnectNew(Run run, Step step, Func<SocketType, ProtocolType, SocketAsyncEventArgs, bool> start)
    {
        var type = Values.Name<SocketType>(step, step[1]);
        var protocol = Values.Name<ProtocolType>(step, step[2]);
        EndPoint remote = Values.EndPoint(run, step, step[3]);
        return new Call
        {
            Configure = e => e.RemoteEndPoint = remote,
            StartEvent = e => start(type, protocol, e),
            Show = e =>
            {
                run.Keep(step[0].Text, e.ConnectSocket);
                return "";
            },
        };
    }
}
